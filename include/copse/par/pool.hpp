// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Working memory that concurrent components take turns with. A component borrows an object that
/// another has finished with, so that memory is as much as is in use at once, and warm: fresh pages
/// cost a forest a quarter of its time when every tree asks the system for its own.
///
///     pool<buffers> idle;
///     auto own = idle.borrow([] { return std::make_unique<buffers>(); });   // returns by itself

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace copse {

template <class T>
class pool {
public:
    /// A borrowed object; goes back when the loan ends.
    class loan {
    public:
        loan(pool& from, std::unique_ptr<T> object) : from_(from), object_(std::move(object)) {}
        ~loan() { from_.give_back(std::move(object_)); }
        loan(loan const&) = delete;
        loan& operator=(loan const&) = delete;

        [[nodiscard]] T& operator*() const noexcept { return *object_; }
        [[nodiscard]] T* operator->() const noexcept { return object_.get(); }

    private:
        pool& from_;
        std::unique_ptr<T> object_;
    };

    /// One that is idle, in whatever state its last borrower left it, or make()'s.
    template <class Make>
    [[nodiscard]] loan borrow(Make const& make) {
        return loan(*this, take(make));
    }

    /// The same for an object that outlives the scope: give_back() it.
    template <class Make>
    [[nodiscard]] std::unique_ptr<T> take(Make const& make) {
        {
            std::lock_guard const lock(guard_);
            if (!idle_.empty()) {
                auto object = std::move(idle_.back());
                idle_.pop_back();
                return object;
            }
        }
        return make();
    }
    void give_back(std::unique_ptr<T> object) {
        std::lock_guard const lock(guard_);
        idle_.push_back(std::move(object));
    }

private:
    std::mutex guard_;
    std::vector<std::unique_ptr<T>> idle_;
};

}  // namespace copse
