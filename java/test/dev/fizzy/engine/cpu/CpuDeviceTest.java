package dev.fizzy.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.kernels.Native;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CpuDeviceTest {
  @Test
  void peaksArePlausibleAndMeasuredOnce() {
    try (CpuDevice device = new CpuDevice()) {
      double flops = device.peakFlops(DType.F32);
      double bandwidth = device.peakBandwidth();
      assertTrue(flops > 1e9 && flops < 1e15, flops + " FLOP/s");
      assertTrue(device.peakFlops(DType.BF16) > 1e9);
      assertTrue(bandwidth > 1e8 && bandwidth < 1e13, bandwidth + " bytes/s");
      Map<String, Double> caches = device.cacheBandwidths();
      assertTrue(Set.of("l1", "l2", "l3").containsAll(caches.keySet()), caches.toString());
      assertTrue(caches.values().stream().allMatch(b -> b > 1e8 && b < 1e14), caches.toString());
      assertEquals(flops, device.peakFlops(DType.F32));
      assertEquals(bandwidth, device.peakBandwidth());
    }
  }

  @Test
  void theTimeOfAPeakIsANumber() {
    assertEquals(.05, CpuDevice.peakSeconds(".05"));
    for (String value : List.of("", "a second", "0", "-1", "NaN", "Infinity")) {
      EngineException e =
          assertThrows(EngineException.class, () -> CpuDevice.peakSeconds(value), value);
      assertTrue(e.getMessage().contains("FIZZY_PEAK_SECONDS must be"), e.getMessage());
    }
  }

  /** One OpenMP runtime in the process: the one that came with oneDNN. */
  @Test
  void describesWhatComputes() {
    try (CpuDevice device = new CpuDevice()) {
      String text = device.description();
      assertTrue(text.contains("oneDNN 3."), text);
      assertTrue(text.contains("libgomp"), text);
      assertTrue(text.contains(Native.cpu_model().getString()), text);
    }
  }
}
