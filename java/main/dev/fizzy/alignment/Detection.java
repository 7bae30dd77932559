package dev.fizzy.alignment;

/**
 * A face that a detector found.
 *
 * @param score confidence of the detector, 0 to 1
 */
public record Detection(Box box, double score, Landmarks points) {}
