/**
 * MXNet RecordIO as InsightFace and im2rec write it. It imports {@code dataset.read} and {@code
 * dataset.write}. Start at {@link dev.fizzy.dataset.recordio.RecordImages} for reading and at
 * {@link dev.fizzy.dataset.recordio.RecordContainer} for writing.
 */
package dev.fizzy.dataset.recordio;
