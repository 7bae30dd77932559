/**
 * Data sets of labeled images in every format: {@link dev.fizzy.dataset.ImageSets} opens one. The
 * formats are {@code recordio}, {@code webdataset} and {@code parquet}, each with its reader and
 * its writer; {@code read} and {@code write} hold what they share. It imports {@code image} and
 * {@code file} alone.
 */
package dev.fizzy.dataset;
