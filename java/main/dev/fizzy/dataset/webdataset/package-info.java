/**
 * WebDataset: tar files of images and labels, also gzipped. It imports {@code dataset.read} and
 * {@code dataset.write}. Start at {@link dev.fizzy.dataset.webdataset.TarImages} for reading and at
 * {@link dev.fizzy.dataset.webdataset.TarContainer} for writing.
 */
package dev.fizzy.dataset.webdataset;
