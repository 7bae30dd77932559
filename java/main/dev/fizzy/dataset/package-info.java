/**
 * Data sets of labeled images; {@link dev.fizzy.dataset.ImageSets} opens one in any format. The
 * formats are {@code recordio}, {@code webdataset} and {@code parquet}, each with its reader and
 * its writer; {@code read} and {@code write} have their common parts. It imports {@code image} and
 * {@code file} alone.
 */
package dev.fizzy.dataset;
