package dev.fizzy.cluster;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.util.TaskCompletionListener;

/** Loses every other task when it has computed its result, so that Spark repeats it. */
public final class LostTasks implements SparkPlugin {
  private static final AtomicInteger TASKS = new AtomicInteger();

  @Override
  public DriverPlugin driverPlugin() {
    return null;
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void onTaskStart() {
        TaskContext task = TaskContext.get();
        if (task.attemptNumber() == 0 && TASKS.getAndIncrement() % 2 == 0) {
          task.addTaskCompletionListener(
              (TaskCompletionListener)
                  context -> {
                    throw new IllegalStateException("lost " + context.partitionId());
                  });
        }
      }
    };
  }
}
