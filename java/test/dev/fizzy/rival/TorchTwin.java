package dev.fizzy.rival;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Parameters;
import dev.fizzy.rival.TorchWeights.Memory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A twin on libtorch: its weights, its inputs, and runs. */
public final class TorchTwin implements AutoCloseable {
  private final Twin twin;
  private final TorchWeights weights;
  private final TorchLayers net;
  private final List<Tensor> inputs = new ArrayList<>();

  /**
   * @param format of pictures and convolution weights: Contiguous (NCHW) or ChannelsLast
   */
  public TorchTwin(
      Twin twin,
      Parameters parameters,
      DType type,
      MemoryFormat format,
      boolean training,
      Memory memory) {
    this(twin, parameters, type, format, training, memory, false);
  }

  /**
   * @param tuned see {@link TorchLayers}
   */
  public TorchTwin(
      Twin twin,
      Parameters parameters,
      DType type,
      MemoryFormat format,
      boolean training,
      Memory memory,
      boolean tuned) {
    this.twin = twin;
    this.weights = new TorchWeights(parameters, Torch.type(type), format, training, memory);
    this.net = new TorchLayers(weights, tuned);
  }

  public TorchWeights weights() {
    return weights;
  }

  /** Copies the inputs, in the twin's order, then the target where there is one. */
  public void write(List<float[]> values, int[] targetShape) {
    for (int i = 0; i < values.size(); i++) {
      boolean target = i == twin.inputs().size();
      int[] shape = target ? targetShape : twin.inputs().get(i).shape();
      boolean early = !weights.training && !target && shape.length > 1;
      ScalarType type = early ? weights.compute : ScalarType.Float;
      inputs.add(Torch.of(values.get(i), shape, type, weights.format));
    }
  }

  /** Has {@link #backward} compute the gradients of the inputs too. */
  public void trackInputs() {
    for (int i = 0; i < twin.inputs().size(); i++) {
      inputs.get(i).set_requires_grad(twin.inputs().get(i).differentiable());
    }
  }

  /** The gradient of each input that reached the loss, by name. */
  public Map<String, float[]> inputGradients() {
    Map<String, float[]> all = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope()) {
      for (int i = 0; i < twin.inputs().size(); i++) {
        Tensor gradient = inputs.get(i).grad();
        if (gradient.defined()) {
          boolean picture = twin.inputs().get(i).shape().length == 4;
          all.put(twin.inputs().get(i).name(), Torch.floats(gradient, picture));
        }
      }
    }
    return all;
  }

  /** Runs without gradients; returns the output if wanted, pictures as [B,H,W,C]. */
  public float[] forward(boolean wanted) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor y = twin.theirs().run(net, inputs);
      return wanted ? Torch.floats(y, y.dim() == 4) : null;
    }
  }

  /** Mean squared error to the last input, and every gradient into the leaves. */
  public float[] backward(boolean wanted) {
    try (PointerScope scope = new PointerScope()) {
      Tensor y = twin.theirs().run(net, typed());
      Tensor target = inputs.get(inputs.size() - 1);
      torch.mse_loss(y.to(ScalarType.Float), target).backward();
      return wanted ? Torch.floats(y, y.dim() == 4) : null;
    }
  }

  /** Lets all gradients go, as training does after a step. */
  public void dropGradients() {
    try (PointerScope scope = new PointerScope()) {
      weights.leaves().forEach(leaf -> leaf.mutable_grad().reset());
      inputs.forEach(input -> input.mutable_grad().reset());
    }
  }

  private List<Tensor> typed() {
    List<Tensor> typed = new ArrayList<>();
    for (int i = 0; i < twin.inputs().size(); i++) {
      boolean cast = twin.inputs().get(i).shape().length > 1;
      typed.add(cast ? net.cast(inputs.get(i)) : inputs.get(i));
    }
    return typed;
  }

  @Override
  public void close() {
    inputs.forEach(Tensor::deallocate);
    weights.close();
  }
}
