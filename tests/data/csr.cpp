// SPDX-License-Identifier: BSD-3-Clause
#include <copse/data/csr.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

using namespace copse;

TEST_CASE("an empty matrix has no rows") {
    CHECK(csr_matrix{}.rows() == 0);
    CHECK(csr_matrix{}.view().rows() == 0);
    CHECK(csr_matrix{}.to_dense().rows() == 0);
}

TEST_CASE("a view borrows what the matrix owns") {
    csr_matrix const x({0, 2, 2, 3}, {0, 3, 1}, {1, 2, 3}, 4);
    csr_view const v = x;
    CHECK(v.rows() == 3);
    CHECK(v.cols() == 4);
    CHECK(v.n_stored() == 3);
    CHECK(v.row(0).size() == 2);
    CHECK(v.row(1).size() == 0);
    CHECK(v.row(2).indices[0] == 1);
    CHECK(v.row(2).values[0] == 3.0f);
    CHECK(x.to_dense()(0, 3) == 2.0f);
    CHECK(x.to_dense(-1)(1, 3) == -1.0f);
    CHECK(x == csr_matrix({0, 2, 2, 3}, {0, 3, 1}, {1, 2, 3}, 4));
}

TEST_CASE("arrays that are no sparse matrix are refused") {
    using offsets = std::vector<std::size_t>;
    using indices = std::vector<std::uint32_t>;
    auto const make = [](offsets o, indices i, std::size_t n_values) {
        return csr_matrix(std::move(o), std::move(i), std::vector<float>(n_values), 4);
    };
    CHECK_THROWS_WITH_AS(make({}, {}, 0), "csr_view: offsets must start with 0", invalid_input);
    CHECK_THROWS_WITH_AS(make({1, 1}, {0}, 1), "csr_view: offsets must start with 0",
                         invalid_input);
    CHECK_THROWS_WITH_AS(make({0, 1}, {0}, 2), "csr_view: there are 1 indices but 2 values",
                         invalid_input);
    CHECK_THROWS_WITH_AS(make({0, 2}, {0}, 1),
                         "csr_view: the last offset is 2 but there are 1 indices", invalid_input);
    CHECK_THROWS_WITH_AS(make({0, 3, 1}, {0}, 1), "csr_view: row 0 is from offset 0 to 3 of 1",
                         invalid_input);
    CHECK_THROWS_WITH_AS(make({0, 1}, {4}, 1),
                         "csr_view: row 0 has index 4 but there are 4 columns", invalid_input);
    CHECK_THROWS_WITH_AS(make({0, 2}, {2, 1}, 2),
                         "csr_view: row 0 has index 1 after 2; they must increase", invalid_input);
}
