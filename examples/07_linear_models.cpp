// How do I train a linear model, dense or sparse, and see whether its solver came to an end?
#include <copse/copse.hpp>
#include <copse/data/gzip.hpp>

#include <cstdio>

int main() {
    auto const digits = copse::parse_csv(copse::gunzip("examples/data/digits8x8.csv.gz"));
    auto const accuracy = [&](auto const& model, auto const& x) {
        return copse::metrics::accuracy(digits.y, model.predict(x));
    };

    // Ten classes, each against the others: they share every pass over x.
    auto const logistic = copse::logistic_regression{.C = 0.01}.fit(digits.x, digits.y);
    auto const proba = logistic.predict_proba(digits.x);
    std::printf("logistic: accuracy %.3f, the first image is a %s with probability %.2f\n",
                accuracy(logistic, digits.x), logistic.predict(digits.x)[0].to_string().c_str(),
                static_cast<double>(proba(0, 0)));
    auto const& report = logistic.reports()[0];
    std::printf("the first class took %zu Newton steps and %s\n", report.n_iter,
                report.converged ? "converged" : "did not converge");

    // One softmax over all classes.
    auto const softmax =
        copse::logistic_regression{.C = 0.01, .multi_class = copse::multinomial}.fit(digits.x,
                                                                                     digits.y);
    std::printf("multinomial: accuracy %.3f\n", accuracy(softmax, digits.x));

    // A support vector machine on compressed rows: 0 is not stored.
    std::vector<std::size_t> offsets{0};
    std::vector<std::uint32_t> indices;
    std::vector<float> values;
    for (std::size_t i = 0; i < digits.x.rows(); ++i) {
        for (std::uint32_t j = 0; j < digits.x.cols(); ++j) {
            if (digits.x(i, j) == 0) continue;
            indices.push_back(j);
            values.push_back(digits.x(i, j));
        }
        offsets.push_back(indices.size());
    }
    copse::csr_view const sparse(offsets, indices, values, digits.x.cols());
    auto const svm = copse::linear_svc{.C = 0.001}.fit(sparse, digits.y);
    std::printf("support vectors: accuracy %.3f\n", accuracy(svm, sparse));
}
