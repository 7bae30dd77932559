package dev.fizzy.rival;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Parameters;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.rival.TorchWeights.Memory;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A recognizer on libtorch: training steps with an ArcFace head and SGD, and embeddings. */
public final class TorchRecognizer implements AutoCloseable {
  private final TorchWeights weights;
  private final TorchIResNet network;
  private final SGD sgd;
  private final Tensor faces;
  private final Tensor labels;

  /**
   * @param faces [B,S,S,3]
   * @param labels classes of the head among the parameters; null for embeddings alone
   */
  public TorchRecognizer(
      IResNetConfig config,
      Parameters parameters,
      DType type,
      MemoryFormat format,
      float[] faces,
      int[] labels) {
    boolean training = labels != null;
    this.weights = new TorchWeights(parameters, Torch.type(type), format, training, Memory.OWN);
    this.network = new TorchIResNet(new TorchLayers(weights), config, training);
    int batch = faces.length / (3 * config.size() * config.size());
    int[] shape = {batch, config.size(), config.size(), 3};
    this.faces = Torch.of(faces, shape, Torch.type(type), format);
    if (!training) {
      this.labels = null;
      this.sgd = null;
      return;
    }
    float[] indices = new float[labels.length];
    for (int i = 0; i < labels.length; i++) {
      indices[i] = labels[i];
    }
    int[] column = {labels.length, 1};
    this.labels = Torch.of(indices, column, ScalarType.Long, MemoryFormat.Contiguous);
    try (PointerScope scope = new PointerScope()) {
      SGDOptions options = new SGDOptions(1e-2);
      options.momentum().put(.9);
      options.weight_decay().put(5e-4);
      SGD made = new SGD(new TensorVector(weights.leaves().toArray(new Tensor[0])), options);
      made.retainReference();
      this.sgd = made;
    }
  }

  /** Forward, backward and SGD; the loss. */
  public float step() {
    try (PointerScope scope = new PointerScope()) {
      Tensor e = unit(network.embed(faces));
      Tensor cosines = torch.linear(e, unit(weights.leaf("head.weight")));
      double end = 1 - 1e-6;
      Tensor c = torch.gather(cosines, 1, labels);
      Tensor held =
          torch.clamp(c, new ScalarOptional(new Scalar(-end)), new ScalarOptional(new Scalar(end)));
      Tensor margin = torch.acos(held).add(new Scalar(.5)).cos().sub(c);
      Tensor z = torch.scatter_add(cosines, 1, labels, margin).mul(new Scalar(64.));
      Tensor loss = torch.cross_entropy_loss(z, labels.reshape(-1));
      loss.backward();
      sgd.step();
      sgd.zero_grad();
      return Torch.floats(loss, false)[0];
    }
  }

  private static Tensor unit(Tensor x) {
    Tensor norm = x.mul(x).sum(new long[] {1}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
    return x.div(torch.clamp_min(norm.sqrt(), new Scalar(1e-12)));
  }

  public float[] embed() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      return Torch.floats(network.embed(faces), false);
    }
  }

  @Override
  public void close() {
    if (sgd != null) {
      sgd.deallocate();
      labels.deallocate();
    }
    faces.deallocate();
    weights.close();
  }
}
