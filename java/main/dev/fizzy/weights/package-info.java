/**
 * Files of named tensors: safetensors read and written, PyTorch and NumPy files read. Tensors are
 * read when asked for, never all at once. It imports {@code file} alone. Start at {@link
 * dev.fizzy.weights.TensorFile}.
 */
package dev.fizzy.weights;
