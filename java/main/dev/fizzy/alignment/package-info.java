/**
 * Photos to crops on the five-point ArcFace template: the choice of a face, the similarity
 * transform, the warp, and the run over a folder. Detectors are in {@code mtcnn} and {@code onnx}.
 * It imports {@code dataset} and what lies below. Start at {@link dev.fizzy.alignment.FaceAligner}.
 */
package dev.fizzy.alignment;
