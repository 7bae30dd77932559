package dev.fizzy.dataset.write;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/**
 * What a {@link DatasetFormat} writes, and where.
 *
 * @param root the set's folder
 * @param run what manifest.json says of the set; the format adds its name
 * @param items the images of the whole set
 * @param shard the part of them that is written
 * @param checkAll whether a resumed run verifies every image's checksum, not only its size and the
 *     newest checksums
 */
public record Destination(
    Path root,
    ObjectNode run,
    ItemList items,
    ImageProperties images,
    Shard shard,
    boolean checkAll) {}
