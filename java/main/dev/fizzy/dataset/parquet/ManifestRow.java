package dev.fizzy.dataset.parquet;

/**
 * One image in a Parquet manifest.
 *
 * @param file path of the image's file relative to the manifest, with '/'; or the image's name in
 *     the set, if the set's files contain many images
 * @param identity name of the identity
 * @param bytes size of the image file
 * @param sha256 checksum of the image file
 */
public record ManifestRow(String file, int label, String identity, long bytes, String sha256) {}
