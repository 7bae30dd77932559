package dev.fizzy.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/** In local mode, writes the name of the last stage, as Spark's REST API gives it, to a file. */
public final class StageNames implements SparkPlugin {
  /** The setting that names the file; without it nothing is written. */
  public static final String FILE = "spark.fizzy.stages";

  private static final long DEADLINE_SECONDS = 60;
  private static final long PAUSE_MS = 20;

  private static SparkContext spark;

  @Override
  public DriverPlugin driverPlugin() {
    return new DriverPlugin() {
      @Override
      public Map<String, String> init(SparkContext context, PluginContext plugin) {
        spark = context;
        return Map.of();
      }
    };
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      private String file;

      @Override
      public void init(PluginContext context, Map<String, String> extra) {
        file = context.conf().get(FILE, null);
      }

      @Override
      public void onTaskStart() {
        if (file != null) {
          try {
            Files.writeString(Path.of(file), name(TaskContext.get().stageId()));
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        }
      }
    };
  }

  private static String name(int stage) throws IOException {
    String address = spark.uiWebUrl().get() + "/api/v1/applications/" + spark.applicationId();
    URL stages = URI.create(address + "/stages/" + stage).toURL();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (true) {
      try (InputStream answer = stages.openStream()) {
        return new ObjectMapper().readTree(answer).get(0).get("name").asText();
      } catch (FileNotFoundException e) {
        // Spark's listener has not seen the stage yet
        if (System.nanoTime() > end) {
          throw e;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MS));
      }
    }
  }
}
