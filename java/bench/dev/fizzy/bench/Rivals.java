package dev.fizzy.bench;

import ai.onnxruntime.OrtException;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Parameters;
import dev.fizzy.rival.Ours;
import dev.fizzy.rival.Ours.Work;
import dev.fizzy.rival.TorchAdam;
import dev.fizzy.rival.TorchLayers;
import dev.fizzy.rival.TorchTwin;
import dev.fizzy.rival.TorchWeights.Memory;
import dev.fizzy.rival.Twin;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * The settings of the rivals for a case.
 *
 * @param parameters the weights, which rivals share or copy
 * @param inputs in the twin's order
 */
record Rivals(Case c, Twin twin, Parameters parameters, List<float[]> inputs, int threads) {
  /** A setting of a rival. */
  interface Setting {
    /** Prepares a run; what it opens is added to a list. */
    Runnable start(List<AutoCloseable> open);
  }

  /**
   * Every setting of every rival: libtorch in both memory formats, as it is usually written and
   * tuned ({@link TorchLayers}), and ONNX Runtime for a forward pass in f32.
   */
  Map<String, Setting> settings() {
    Map<String, Setting> rivals = new LinkedHashMap<>();
    boolean forward = c.work() == Work.FORWARD;
    for (MemoryFormat format : List.of(MemoryFormat.Contiguous, MemoryFormat.ChannelsLast)) {
      boolean planes = format == MemoryFormat.Contiguous;
      String name = "libtorch " + (planes ? "NCHW" : "channels last");
      rivals.put(name, open -> torch(format, false, open));
      String tuning = forward && c.type() == DType.BF16 ? ", packed, attention f32" : ", packed";
      if (forward || c.type() == DType.BF16) {
        rivals.put(
            name + (forward ? tuning : ", attention f32"), open -> torch(format, true, open));
      }
    }
    if (forward && c.type() == DType.F32) {
      rivals.put("ONNX Runtime", this::onnx);
    }
    return rivals;
  }

  private Runnable onnx(List<AutoCloseable> open) {
    try {
      OnnxRival onnx = new OnnxRival(c.twins(), c.batch(), parameters, inputs, threads);
      open.add(onnx);
      return onnx::run;
    } catch (IOException | OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private Runnable torch(MemoryFormat format, boolean tuned, List<AutoCloseable> open) {
    boolean training = c.work() != Work.FORWARD;
    Memory memory = c.work() == Work.STEP ? Memory.OWN : Memory.SHARED;
    TorchTwin torch = new TorchTwin(twin, parameters, c.type(), format, training, memory, tuned);
    open.add(torch);
    torch.write(inputs, Ours.outputShape(twin));
    return switch (c.work()) {
      case FORWARD -> () -> torch.forward(false);
      case BACKWARD -> {
        torch.trackInputs();
        yield () -> {
          torch.backward(false);
          torch.dropGradients();
        };
      }
      case STEP -> {
        TorchAdam adam = new TorchAdam(torch, true);
        open.add(adam);
        yield () -> {
          torch.backward(false);
          adam.step();
        };
      }
    };
  }
}
