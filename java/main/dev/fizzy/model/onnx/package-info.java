/**
 * Writes a recorded graph as an ONNX model: every operation of the engine is lowered to ONNX nodes.
 * It imports only the engine and {@code file}. Start at {@link dev.fizzy.model.onnx.OnnxExport}.
 */
package dev.fizzy.model.onnx;
