package dev.fizzy.engine.profile;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * An operation in a recording of the Java Flight Recorder. Programs emit it only if the environment
 * variable {@value Trace#FLIGHT_RECORDER} is 1, since each operation is then run, and on a GPU
 * waited for, by itself; a recording must enable it by its name.
 */
@Name("dev.fizzy.Operation")
@Label("Operation")
@Category("Fizzy")
@Description("One operation of a network")
@Enabled(false)
@StackTrace(false)
public final class OperationEvent extends Event {
  @Label("Operation")
  private String operation;

  @Label("Layer")
  private String layer;

  @Label("Shape")
  private String shape;

  @Label("FLOPs")
  private long flops;

  @Label("Bytes")
  @DataAmount
  private long bytes;

  /** Runs a stage operation by operation, an event each. */
  public static void replay(Program program, Stage stage) {
    Device device = program.device();
    for (Program.Launch launch : program.launches(stage)) {
      OperationEvent event = new OperationEvent();
      event.begin();
      launch.kernel().run();
      device.synchronize();
      event.end();
      if (event.shouldCommit()) {
        Operation of = launch.node().operation();
        event.operation = of.name();
        event.layer = launch.node().scope();
        event.shape = Profiler.shape(of);
        event.flops = of.flops();
        event.bytes = launch.bytes();
        event.commit();
      }
    }
  }
}
