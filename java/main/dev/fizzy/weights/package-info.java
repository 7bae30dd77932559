/**
 * Files of named tensors: reads and writes safetensors, reads PyTorch and NumPy files. Tensors are
 * read on demand, never all at once. It imports only {@code file}. Start at {@link
 * dev.fizzy.weights.TensorFile}.
 */
package dev.fizzy.weights;
