package dev.fizzy.dataset.write;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/**
 * The content and location of a data set to write.
 *
 * @param root folder of the set
 * @param run content of manifest.json; the format adds its name
 * @param items images of the whole set
 * @param shard part to write
 * @param checkAll whether a resumed run verifies the checksum of every image; else it verifies
 *     every size and the newest checksums
 */
public record Destination(
    Path root,
    ObjectNode run,
    ItemList items,
    ImageProperties images,
    Shard shard,
    boolean checkAll) {}
