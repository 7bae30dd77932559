package dev.fizzy.alignment;

/**
 * A face that a detector found.
 *
 * @param score how sure the detector is, 0 to 1
 */
public record Detection(Box box, double score, Landmarks points) {}
