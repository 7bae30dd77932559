package dev.fizzy.dataset.parquet;

/**
 * One image of a data set, as its Parquet manifest lists it.
 *
 * @param file path of the image's file relative to the manifest, with '/'; for a set whose files
 *     hold many images, the name that the set has for it
 * @param identity the identity's name
 * @param bytes of the image
 * @param sha256 of these bytes
 */
public record ManifestRow(String file, int label, String identity, long bytes, String sha256) {}
