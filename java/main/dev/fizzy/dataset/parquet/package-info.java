/**
 * Parquet manifests: tables of image files and their identities. It imports {@code dataset.read}.
 * Start at {@link dev.fizzy.dataset.parquet.ParquetImages} for reading and at {@link
 * dev.fizzy.dataset.parquet.ManifestWriter} for writing.
 */
package dev.fizzy.dataset.parquet;
