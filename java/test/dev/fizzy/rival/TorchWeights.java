package dev.fizzy.rival;

import dev.fizzy.engine.Parameter.Piece;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Parameters.Slot;
import dev.fizzy.engine.Region;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Our parameters as libtorch's leaves, by the names of the state dict. For training the leaves are
 * f32 and are cast at each use; otherwise they are cast once.
 */
public final class TorchWeights implements AutoCloseable {
  /** Whose memory the leaves use. */
  public enum Memory {
    /** Ours, where type and format allow. */
    SHARED,
    /** Their own. */
    OWN
  }

  final ScalarType compute;
  final MemoryFormat format;
  final boolean training;
  private final Map<String, Tensor> leaves = new LinkedHashMap<>();
  private final Map<String, int[]> shapes = new LinkedHashMap<>();
  private final Map<String, Tensor> packed = new LinkedHashMap<>();
  private final Set<String> states = new LinkedHashSet<>();

  public TorchWeights(
      Parameters parameters,
      ScalarType compute,
      MemoryFormat format,
      boolean training,
      Memory memory) {
    this.compute = compute;
    this.format = format;
    this.training = training;
    for (Slot slot : parameters.slots()) {
      long offset = slot.offset();
      for (Piece piece : slot.parameter().pieces()) {
        Pointer at = parameters.region(Region.VALUES).at(offset * Float.BYTES);
        boolean state = !slot.parameter().trained(); // libtorch moves its own
        leaves.put(piece.name(), leaf(at, piece.shape(), state ? Memory.OWN : memory, !state));
        if (state) {
          states.add(piece.name());
        }
        shapes.put(piece.name(), piece.shape());
        offset += piece.elements();
      }
    }
  }

  private Tensor leaf(Pointer at, int[] shape, Memory memory, boolean trained) {
    long[] sizes = new long[shape.length];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = shape[i];
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor leaf = torch.from_blob(at, sizes);
      if (memory == Memory.OWN) {
        leaf = leaf.clone();
      }
      if (shape.length == 4) {
        leaf = leaf.contiguous(format);
      }
      if (!training && trained && shape.length != 1) {
        leaf = leaf.to(compute);
      }
      leaf.set_requires_grad(training && trained);
      leaf.retainReference();
      return leaf;
    }
  }

  Tensor get(String name) {
    Tensor leaf = leaf(name);
    return compute != leaf.scalar_type() ? leaf.to(compute) : leaf;
  }

  /** As it is kept. */
  Tensor leaf(String name) {
    Tensor leaf = leaves.get(name);
    if (leaf == null) {
      throw new IllegalArgumentException("our network has no parameter " + name);
    }
    return leaf;
  }

  /**
   * The weights of a convolution or of a layer over pixels, [out,in,...], in the layout that oneDNN
   * wants for pictures of a shape; packed at the first call.
   */
  Tensor packed(String name, Tensor x, long[] strides, long[] paddings) {
    Tensor known = packed.get(name);
    if (known != null) {
      return known;
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor w = get(name);
      while (w.dim() < 4) {
        w = w.unsqueeze(-1);
      }
      long[] shape = {x.size(0), x.size(1), x.size(2), x.size(3)};
      long[] dilation = {1, 1};
      Tensor made =
          torch.mkldnn_reorder_conv2d_weight(
              w.contiguous().to_mkldnn(), paddings, strides, dilation, 1, shape);
      made.retainReference();
      packed.put(name, made);
      return made;
    }
  }

  /** A running statistic. */
  public float[] state(String name) {
    return Torch.floats(leaf(name), false);
  }

  public Collection<String> states() {
    return states;
  }

  TensorOptional optional(String name) {
    return new TensorOptional(get(name));
  }

  /** Of what is trained. */
  public Collection<String> names() {
    return leaves.keySet().stream().filter(name -> !states.contains(name)).toList();
  }

  /** The leaves that are trained, in the order of our parameters. */
  public List<Tensor> leaves() {
    return names().stream().map(leaves::get).toList();
  }

  /** The gradient of a leaf, row-major f32. */
  public float[] gradient(String name) {
    try (PointerScope scope = new PointerScope()) {
      Tensor gradient = leaves.get(name).grad();
      if (!gradient.defined()) {
        throw new IllegalStateException("libtorch's loss does not depend on " + name);
      }
      return Torch.floats(gradient, false);
    }
  }

  @Override
  public void close() {
    packed.values().forEach(Pointer::deallocate);
    packed.clear();
    leaves.values().forEach(Pointer::deallocate);
    leaves.clear();
  }
}
