// Tests run the emulator with lanes and blocks in ascending, descending and shuffled order, by turns.
#include "common/testing.h"
#include "simt/emulator.h"

namespace fizzy::testing {

static void run(const Body& body) {
  static int turn = 0;
  int order = turn++ % 3;
  simt::lane_order(order);
  body(simt::emulator(), "emulator, lane order " + std::to_string(order));
}
static const bool set = (run_on_cuda = run, true);

}  // namespace fizzy::testing
