/**
 * Degrades images by known amounts, for sets that test measures of quality and detectors of
 * recaptured faces. It imports {@code image} and {@code engine}. Start at {@link
 * dev.fizzy.image.degrade.Degradation}.
 */
package dev.fizzy.image.degrade;
