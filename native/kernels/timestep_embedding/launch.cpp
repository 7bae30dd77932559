#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/timestep_embedding/timestep_embedding.h"

namespace fizzy {

void timestep_embedding(int type, const float* t, void* y, int batch, int width) {
  check((type == 0 || type == 1) && batch >= 1 && width >= 2 && width % 2 == 0, "timestep_embedding: type ", type, ", batch ", batch, ", width ",
        width, "; the width is even");
  FIZZY_SELECT(timestep_embedding)(type, t, y, batch, width);
}

}  // namespace fizzy
