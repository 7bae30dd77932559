/**
 * Writes data sets so that a killed run resumes: images go to a {@link
 * dev.fizzy.dataset.write.Container}, each with a line in the part's manifest. It imports {@code
 * dataset.read}, {@code image} and {@code file}. Start at {@link
 * dev.fizzy.dataset.write.DatasetWriter} for generated sets and at {@link
 * dev.fizzy.dataset.write.Exporter} for conversion.
 */
package dev.fizzy.dataset.write;
