/**
 * Training of face recognizers, and measurements with them: verification of pairs and templates,
 * separability of a data set, leakage of training faces. It imports the data sets, {@code identity}
 * for embeddings, and {@code model} and {@code training}. Start at {@link
 * dev.fizzy.recognition.RecognizerTraining} for training and at {@link
 * dev.fizzy.recognition.Verification} for evaluation.
 */
package dev.fizzy.recognition;
