/* replay FOLDER...: reads all exchanges in the folders as the fuzzer does, and prints how many cells of the table and
 * findings they reach. Fails if they do not reach all cells and findings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "exchange.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int
replay(const char *path)
{
    static uint8_t bytes[1 << 16];
    FILE *file = fopen(path, "rb");
    size_t size;

    if (file == NULL) {
        perror(path);
        return 1;
    }
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return LLVMFuzzerTestOneInput(bytes, size);
}

static int
replay_all(const char *folder)
{
    DIR *names = opendir(folder);
    char path[4096];
    int count = 0;

    if (names == NULL) {
        perror(folder);
        exit(1);
    }
    for (const struct dirent *name = readdir(names); name != NULL; name = readdir(names)) {
        if (name->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, name->d_name);
        if (replay(path) != 0)
            exit(1);
        count++;
    }
    closedir(names);
    return count;
}

int
main(int argc, char **argv)
{
    struct checker_coverage coverage;
    int count = 0;

    LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        count += replay_all(argv[i]);
    coverage = checker_coverage();
    printf("%d exchanges reach %u of %u cells of the table and %u of %u findings\n", count, coverage.cells, coverage.all_cells,
           coverage.findings, coverage.all_findings);
    return coverage.cells != coverage.all_cells || coverage.findings != coverage.all_findings;
}
