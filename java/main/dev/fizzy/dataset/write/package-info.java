/**
 * Writes data sets that can be resumed after a crash: images go to a {@link
 * dev.fizzy.dataset.write.ImageStore}, each with a line in the manifest of the part. It imports
 * {@code dataset.read}, {@code image} and {@code file}. Start at {@link
 * dev.fizzy.dataset.write.DatasetWriter} for generated sets and at {@link
 * dev.fizzy.dataset.write.Exporter} for conversion.
 */
package dev.fizzy.dataset.write;
