// SPDX-License-Identifier: BSD-3-Clause
#include "support/forest_fits.hpp"
#include "support/samples.hpp"

#include <copse/model_selection/progress_bar.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <sstream>
#include <string>

using namespace copse;

TEST_CASE("a bar is drawn over itself, and its line ends when all is done") {
    std::ostringstream out;
    {
        progress_bar bar(out, "trees", 0, 4);
        auto const [x, y] = test::labelled_grid(40, 3, 1);
        (void)random_forest_classifier{.n_estimators = 3}.fit(x, y, {.on_iteration = std::ref(bar)},
                                                              sequential{});
    }
    CHECK(out.str() == "\rtrees [#   ] 1/3\rtrees [##  ] 2/3\rtrees [####] 3/3\n");
}

TEST_CASE("a bar of runs says how the last one ended") {
    std::ostringstream out;
    {
        progress_bar bar(out, "", 2, 2);
        run_record run;
        run.status = run_status::running;
        bar(run);
        run.status = run_status::failed;
        bar(run);
        run.index = 1;
        run.status = run_status::running;
        bar(run);
    }
    // Each is as long as the one before, and the last one's line is ended although not all is done.
    CHECK(out.str() == "\r[  ] 0/2\r[# ] 1/2, run 0: failed\r[# ] 1/2               \n");
}
