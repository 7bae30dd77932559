/**
 * The lists and files of faces to compare: LFW pairs, IJB templates, InsightFace verification bins
 * (read and written). It imports {@code dataset} for images and {@code weights.pickle} for bins.
 * Start at {@link dev.fizzy.recognition.protocol.VerificationPairs}.
 */
package dev.fizzy.recognition.protocol;
