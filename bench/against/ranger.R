# SPDX-License-Identifier: BSD-3-Clause
# ranger, measured as common.py measures the rivals in Python. Missing values are imputed (-1): this
# release takes none. One row is timed through R.
suppressMessages(library(ranger))

words <- commandArgs(trailingOnly = TRUE)
given <- setNames(words[c(FALSE, TRUE)], words[c(TRUE, FALSE)])
option <- function(name, otherwise) if (name %in% names(given)) given[[name]] else otherwise
folder <- option("--set", "")
threads <- as.integer(option("--threads", 1))
trees <- as.integer(option("--trees", 100))
most_rows <- as.numeric(option("--rows", Inf))

# An .npy file of float32 or int32 as a matrix of numbers, its first rows only.
read_npy <- function(stem, rows = Inf) {
  file <- file(file.path(folder, paste0(stem, ".npy")), "rb")
  on.exit(close(file))
  start <- readBin(file, "raw", 10)
  header <- rawToChar(readBin(file, "raw", as.integer(start[9]) + 256 * as.integer(start[10])))
  sizes <- strsplit(sub(".*\\(([^)]*)\\).*", "\\1", header), ",")[[1]]
  shape <- as.numeric(sizes[grepl("[0-9]", sizes)])
  columns <- if (length(shape) == 2) shape[2] else 1
  n <- min(rows, shape[1])
  what <- if (grepl("<f4", header)) "numeric" else "integer"
  values <- readBin(file, what, n * columns, size = 4)
  if (columns == 1 && length(shape) == 1) return(values)
  x <- matrix(values, n, columns, byrow = TRUE)
  x[is.nan(x)] <- -1
  colnames(x) <- paste0("x", seq_len(columns))
  x
}

status_bytes <- function(field) {
  line <- grep(field, readLines("/proc/self/status"), value = TRUE)
  1024 * as.numeric(gsub("[^0-9]", "", line))
}
median_seconds <- function(f, least = 0.5) {
  times <- c()
  while ((length(times) < 3 && sum(times) < 20) || (sum(times) < least && length(times) < 1000)) {
    start <- Sys.time()
    f()
    times <- c(times, as.numeric(Sys.time() - start, units = "secs"))
  }
  median(times)
}

regression <- any(grepl("^task regression", readLines(file.path(folder, "set.txt"))))
x <- read_npy("X", most_rows)
y <- read_npy("y", most_rows)
x_test <- read_npy("X_test")
y_test <- read_npy("y_test")
target <- if (regression) y else factor(y)
tried <- max(1, if (regression) ncol(x) %/% 3 else floor(sqrt(ncol(x))))

invisible(gc())
writeLines("5", "/proc/self/clear_refs")
before <- status_bytes("VmHWM:")
start <- Sys.time()
forest <- ranger(x = x, y = target, num.trees = trees, mtry = tried, min.node.size = 1,
                 num.threads = threads, oob.error = FALSE, verbose = FALSE,
                 seed = 1 + as.integer(option("--seed", 0)))
fit_s <- as.numeric(Sys.time() - start, units = "secs")
peak <- status_bytes("VmHWM:") - before

ask <- function(x, k) predict(forest, x, num.threads = k, verbose = FALSE)$predictions
answers <- ask(x_test, threads)
if (regression) {
  error <- answers - y_test
  score <- 1 - mean(error^2) / mean((y_test - mean(y_test))^2)
  rmse <- sqrt(mean(error^2))
} else {
  score <- mean(as.character(answers) == as.character(y_test))
  rmse <- 0
}
i <- 0
one_row <- function() {
  i <<- i %% nrow(x_test) + 1
  ask(x_test[i, , drop = FALSE], 1)
}
number <- function(value) format(value, digits = 8, scientific = FALSE, trim = TRUE)
line <- c(
  set = shQuote(basename(folder), "cmd"), rival = '"ranger"',
  version = shQuote(as.character(packageVersion("ranger")), "cmd"), threads = threads,
  "repeat" = option("--repeat", 0), rows = nrow(x), columns = ncol(x), trees = trees,
  fit_s = number(fit_s), peak_bytes = number(peak),
  model_bytes = number(as.numeric(object.size(forest$forest))),
  nodes = sum(lengths(forest$forest$split.varIDs)),
  metric = if (regression) '"r2"' else '"accuracy"', score = number(score), rmse = number(rmse),
  batch_1_rows_s = number(nrow(x_test) / median_seconds(function() ask(x_test, 1))),
  batch_n_rows_s = number(nrow(x_test) / median_seconds(function() ask(x_test, threads))),
  row_us = number(1e6 * median_seconds(one_row)), row_route = '"predict of a (1, d) matrix"',
  missing = '"imputed"')
cat("{", paste0('"', names(line), '": ', line, collapse = ", "), "}\n", sep = "")
