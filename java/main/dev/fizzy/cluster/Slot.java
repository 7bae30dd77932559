package dev.fizzy.cluster;

import dev.fizzy.engine.Devices;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * What Spark gives a task to compute with.
 *
 * @param device "cpu" or a GPU, by Spark's address
 * @param threads on the CPU
 */
public record Slot(String device, int threads) {
  private static final String GPU = "gpu";

  static Slot of(TaskContext context) {
    Map<String, ResourceInformation> resources = context.resourcesJMap();
    ResourceInformation gpu = resources.get(GPU);
    String device =
        gpu == null || gpu.addresses().length == 0
            ? Devices.CPU
            : Devices.CUDA + ":" + gpu.addresses()[0];
    return new Slot(device, context.cpus());
  }
}
