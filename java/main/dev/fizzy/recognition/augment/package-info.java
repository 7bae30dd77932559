/**
 * RandAugment on 8-bit RGB images, on the CPU, drawn by Philox. It imports only {@code image} and
 * {@code engine.Philox}. Start at {@link dev.fizzy.recognition.augment.RandAugment}.
 */
package dev.fizzy.recognition.augment;
