package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudnn.CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS;
import static org.bytedeco.cuda.global.cudnn.CUDNN_NUMERICAL_NOTE_FFT;
import static org.bytedeco.cuda.global.cudnn.CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION;
import static org.bytedeco.cuda.global.cudnn.CUDNN_NUMERICAL_NOTE_TENSOR_CORE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.cuda.Cudnn.Plan;
import java.util.Arrays;
import java.util.Locale;

/**
 * A plan and where it was found: the heuristics' mode, its place there, and the number of its
 * engine. The place alone would not do, since heuristics may change their order.
 *
 * @param notes of the engine, CUDNN_NUMERICAL_NOTE_...
 * @param seconds that making the plan took
 */
record CudnnCandidate(Plan plan, int mode, int place, long engine, int[] notes, double seconds) {
  String name() {
    return mode + " " + place + " " + engine;
  }

  String text() {
    return String.format(
        Locale.ROOT,
        "plan %s with notes %s, made in %.2f s, %d bytes",
        name(),
        Arrays.toString(notes),
        seconds,
        plan.workspaceBytes());
  }

  /**
   * Accepts only engines that are deterministic and sum in f32. For f32 they must also be exact: an
   * engine that computes f32 on tensor cores rounds the operands to TF32, whether or not it notes
   * that it converts them, and transforms (FFT, Winograd of 13x13) lose more than sums do.
   */
  static boolean allowed(DType type, int[] notes) {
    for (int note : notes) {
      boolean exact =
          switch (note) {
            case CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC,
                CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS,
                CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION ->
                false;
            case CUDNN_NUMERICAL_NOTE_TENSOR_CORE,
                CUDNN_NUMERICAL_NOTE_FFT,
                CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13 ->
                type != DType.F32;
            default -> true;
          };
      if (!exact) {
        return false;
      }
    }
    return true;
  }
}
