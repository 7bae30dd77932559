/**
 * Parquet: tables of image files and their identities, and of vectors. It imports {@code
 * dataset.read}. Start at {@link dev.fizzy.dataset.parquet.ParquetImages} and {@link
 * dev.fizzy.dataset.parquet.VectorsTable} for reading and at {@link
 * dev.fizzy.dataset.parquet.TableWriter} for writing.
 */
package dev.fizzy.dataset.parquet;
