/**
 * Sources of images, labeled or not: what every format implements, the folder of faces, and faces
 * decoded by several threads. It imports {@code image} and {@code file}. Start at {@link
 * dev.fizzy.dataset.read.LabeledImages}.
 */
package dev.fizzy.dataset.read;
