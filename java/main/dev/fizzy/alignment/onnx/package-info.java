/**
 * Face detectors that come as ONNX files, run by ONNX Runtime: SCRFD and YuNet. It imports {@code
 * alignment} and {@code identity.OnnxRuntime}. Start at {@link
 * dev.fizzy.alignment.onnx.OnnxDetector}.
 */
package dev.fizzy.alignment.onnx;
