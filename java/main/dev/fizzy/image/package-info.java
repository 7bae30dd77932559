/**
 * 8-bit RGB images: decoding, encoding, resizing. It imports no other package. Start at {@link
 * dev.fizzy.image.Rgb}.
 */
package dev.fizzy.image;
