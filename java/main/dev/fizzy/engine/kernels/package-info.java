/**
 * Our kernels on any backend: {@code Native} is generated from the C++ headers, and {@code XKernel}
 * binds the operation {@code X}.
 */
package dev.fizzy.engine.kernels;
