package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.nccl.ncclGetUniqueId;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Group;
import org.bytedeco.cuda.nccl.ncclUniqueId;

/** GPUs of one machine, joined by NCCL. */
final class NcclGroup implements Group {
  private final int[] ordinals;
  private final ncclUniqueId id = new ncclUniqueId();

  NcclGroup(int... ordinals) {
    this.ordinals = ordinals.clone();
    for (int ordinal : ordinals) {
      CudaInfo.of(ordinal).checkCapability(); // before anybody waits for the others
    }
    NcclMember.check(ncclGetUniqueId(id), "making a group");
  }

  @Override
  public int ranks() {
    return ordinals.length;
  }

  @Override
  public Device open(int rank) {
    return CudaDevice.open(ordinals[rank], () -> new NcclMember(id, ranks(), rank));
  }
}
