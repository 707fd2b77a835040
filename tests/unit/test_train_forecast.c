/* What a step of several processes should take, and what the network gives */
#include <math.h>

#include "crew.h"
#include "train/forecast_internal.h"
#include "unit.h"

static void test_waiting(void)
{
    TrainingTraffic traffic = {.gradients = 10e6, .bytes = 2e6, .messages = 100};
    CommSpeed speed = {.latency = 50e-6, .bandwidth = 100e6};
    /* 5 ms for messages, 20 ms for bytes, and of the gradients' 100 ms what 2/3 of the net leave */
    CHECK_CLOSE(forecast_waiting(&traffic, 0.09, &speed), 0.065, 1e-12, "gradients are late");
    CHECK_CLOSE(forecast_waiting(&traffic, 0.15, &speed), 0.025, 1e-12, "gradients in time");
    CHECK_CLOSE(forecast_waiting(&traffic, 9, &speed), 0.025, 1e-12, "gradients long before");
    Forecast forecast = {.net = 2, .head = 1, .waiting = 1};
    CHECK_CLOSE(forecast_share(&forecast), 0.25, 1e-12, "the share of a step");
}

typedef struct Found {
    pthread_mutex_t lock;
    CommSpeed first;
    int members, same;
} Found;

static void measure(Comm *comm, void *arg)
{
    Found *found = arg;
    CommSpeed speed = comm_measure(comm);
    pthread_mutex_lock(&found->lock);
    if (found->members++ == 0)
        found->first = speed;
    found->same +=
        speed.latency == found->first.latency && speed.bandwidth == found->first.bandwidth;
    pthread_mutex_unlock(&found->lock);
}

static void test_measurement(void)
{
    Found found = {.members = 0};
    pthread_mutex_init(&found.lock, NULL);
    crew_run(4, measure, &found);
    CHECK(found.members == 4 && found.same == 4, "the same speed in %d of 4", found.same);
    CHECK(found.first.latency > 0 && found.first.latency < 1 && found.first.bandwidth > 1e3 &&
              isfinite(found.first.bandwidth),
          "%g s, %g B/s", found.first.latency, found.first.bandwidth);
    pthread_mutex_destroy(&found.lock);
}

int main(void)
{
    test_waiting();
    test_measurement();
    return END_TESTS();
}
