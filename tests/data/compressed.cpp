// SPDX-License-Identifier: BSD-3-Clause

// gzip.hpp and npz.hpp, where zlib is installed.
#if __has_include(<zlib.h>)

#include "mutations.hpp"

#include <copse/data/csv.hpp>
#include <copse/data/gzip.hpp>
#include <copse/data/npz.hpp>

#include <doctest/doctest.h>

#include <zlib.h>

#include <span>
#include <string>
#include <vector>

using namespace copse;

namespace {

/// Compressed in one of zlib's formats: gzip_format or raw_format.
std::string packed(std::string const& text, int format) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(text.size() + 1000, '\0');
    std::string in = text;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string gzipped(std::string const& text) { return packed(text, detail::gzip_format); }

void append(std::string& out, std::uint64_t number, int width) {
    for (int k = 0; k < width; ++k) out += static_cast<char>(number >> (8 * k));
}

/// A zip archive of one member; with `zip64`, its sizes are in the extra field.
std::string zipped(std::string const& name, std::string const& bytes, bool deflated, bool zip64) {
    auto const body = deflated ? packed(bytes, detail::raw_format) : bytes;
    auto const crc =
        crc32(0, reinterpret_cast<Bytef const*>(bytes.data()), static_cast<uInt>(bytes.size()));
    auto const common = [&](std::string& out, std::size_t n_extra) {
        append(out, 20, 2);  // version
        append(out, 0, 2);
        append(out, deflated ? 8 : 0, 2);
        append(out, 0, 4);  // time
        append(out, crc, 4);
        append(out, zip64 ? 0xffffffff : body.size(), 4);
        append(out, zip64 ? 0xffffffff : bytes.size(), 4);
        append(out, name.size(), 2);
        append(out, n_extra, 2);
    };
    std::string out = "PK\x03\x04";
    common(out, 0);
    out += name + body;
    auto const directory = out.size();
    out += "PK\x01\x02";
    append(out, 20, 2);
    common(out, zip64 ? 20 : 0);
    out.append(2 + 2 + 2 + 4, '\0');  // comment, disk, attributes
    append(out, 0, 4);                // offset of the local header
    out += name;
    if (zip64) {
        append(out, 1, 2);
        append(out, 16, 2);
        append(out, bytes.size(), 8);
        append(out, body.size(), 8);
    }
    auto const directory_size = out.size() - directory;
    out += "PK\x05\x06";
    append(out, 0, 4);
    append(out, 1, 2);
    append(out, 1, 2);
    append(out, directory_size, 4);
    append(out, directory, 4);
    append(out, 0, 2);
    return out;
}

template <class F>
std::string error_of(F f) {
    try {
        f();
    } catch (file_error const& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("text comes back from gzip, several members as one") {
    CHECK(gunzip_bytes(gzipped("")) == "");
    CHECK(gunzip_bytes(gzipped("hello")) == "hello");
    CHECK(gunzip_bytes(gzipped("a,y\n") + gzipped("1,2\n") + std::string(9, '\0')) == "a,y\n1,2\n");
    std::string const large(std::size_t{1} << 22, 'x');  // 1000 times its compressed size
    CHECK(gunzip_bytes(gzipped(large)) == large);
    CHECK(parse_csv(gunzip_bytes(gzipped("a,y\n7,2\n"))).x(0, 0) == 7.0f);
}

TEST_CASE("what is not gzip is said") {
    CHECK(error_of([] { static_cast<void>(gunzip_bytes("")); }) == "gzip: ends too early");
    CHECK(error_of([] { static_cast<void>(gunzip_bytes("a,b,c\n1,2,3\n")); }) ==
          "gzip: is damaged or not gzip");
    auto const whole = gzipped("hello, hello, hello");
    CHECK(error_of([&] { static_cast<void>(gunzip_bytes(whole.substr(0, 12), "t.gz")); }) ==
          "t.gz: ends too early");
    auto broken = whole;
    broken[whole.size() - 6] ^= 1;  // its checksum
    CHECK(error_of([&] { static_cast<void>(gunzip_bytes(broken)); }).starts_with("gzip: "));
}

TEST_CASE("arrays come back from .npz, stored or deflated") {
    std::vector<float> const numbers{1, 2.5, 3};
    auto const npy = to_npy(std::span(numbers));
    for (auto const deflated : {false, true}) {
        for (auto const zip64 : {false, true}) {
            npz_file const file(zipped("x.npy", npy, deflated, zip64), "t.npz");
            CHECK(file.names() == std::vector<std::string>{"x"});
            CHECK(file.read_column<double>("x") == column<double>{1, 2.5, 3});
            CHECK(file.read<float>("x").rows() == 3);
            CHECK(error_of([&] { static_cast<void>(file.read<float>("y")); }) ==
                  "t.npz: has no array 'y'; it has x");
        }
    }
    CHECK(error_of([] { npz_file("hello", "t.npz"); }) == "t.npz: is not a .npz file");
    auto broken = zipped("x.npy", npy, false, false);
    broken[broken.find("\x93NUMPY") + 100] ^= 1;
    CHECK(error_of([&] { static_cast<void>(npz_file(broken, "t").read<float>("x")); }) ==
          "t: x: is damaged; its checksum differs");
}

TEST_CASE("damaged archives are read or refused") {
    constexpr int n = 4000;
    auto const gz = gzipped("hello, hello, world of numbers 0123456789");
    auto const telling = std::string_view("\0\1PK\xff", 5);
    auto const read_gz = [](std::string const& t) { static_cast<void>(gunzip_bytes(t)); };
    CHECK(test::n_taken(gz, telling, n, read_gz) < n);
    std::vector<float> const numbers{1, 2.5, 3};
    for (auto const zip64 : {false, true}) {
        auto const npz = zipped("x.npy", to_npy(std::span(numbers)), true, zip64);
        auto const read_npz = [](std::string const& t) {
            static_cast<void>(npz_file(t, "t").read<float>("x"));
        };
        CHECK(test::n_taken(npz, telling, n, read_npz) < n);
    }
}

#endif
