/**
 * The lists and files that say which faces are compared: LFW pairs, IJB templates, InsightFace
 * verification bins (read and written). It imports {@code dataset} for images and {@code
 * weights.pickle} for bins. Start at {@link dev.fizzy.recognition.protocol.VerificationPairs}.
 */
package dev.fizzy.recognition.protocol;
