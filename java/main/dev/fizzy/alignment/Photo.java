package dev.fizzy.alignment;

import dev.fizzy.image.Rgb;

/**
 * An image to search for faces.
 *
 * @param name path relative to the folder of photos, with '/'
 */
public record Photo(String name, Rgb image) {}
