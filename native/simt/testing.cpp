// Tests run the emulator with lanes and blocks in ascending, descending and shuffled order, with clusters of blocks and without, by turns.
#include "common/testing.h"
#include "simt/emulator.h"

namespace fizzy::testing {

static void run(const Body& body) {
  static int turn = 0;
  int order = turn % 3;
  bool clusters = turn % 2 == 0;
  turn++;
  simt::lane_order(order);
  simt::clusters_of_blocks(clusters);
  body(simt::emulator(), "emulator, lane order " + std::to_string(order) + (clusters ? "" : ", without clusters"));
}
static const bool set = (run_on_cuda = run, true);

}  // namespace fizzy::testing
