/**
 * ONNX files. A recorded graph is written as an ONNX model, every operation of the engine lowered
 * to ONNX nodes: {@link dev.fizzy.model.onnx.OnnxExport}. A convolutional network in an ONNX file
 * is recorded in a graph: {@link dev.fizzy.model.onnx.OnnxNetwork}. It imports only the engine,
 * {@code file} and {@code weights}.
 */
package dev.fizzy.model.onnx;
