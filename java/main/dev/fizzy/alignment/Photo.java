package dev.fizzy.alignment;

import dev.fizzy.image.Rgb;

/**
 * An image in which a face is to be found.
 *
 * @param name path below the folder of photos, with '/'
 */
public record Photo(String name, Rgb image) {}
