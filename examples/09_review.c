/* SPDX-License-Identifier: MIT */
/* The program's own look at prompts and pictures: a list of words that are not sent, a picture's shape that is not shown, and
 * a text for readers who do not see it. A real program would ask its moderation service and its captioner in these places.
 *   ./09_review folder "an owl" "a dragon with a weapon" */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <pixazo/pixazo.h>

static const struct {
  const char *word, *category;
} unwanted[] = {{"weapon", "violence"}, {"blood", "violence"}, {"celebrity", "persons"}};

static int has_word(const char *text, const char *word)
{
  for (; *text; text++) {
    if (strncasecmp(text, word, strlen(word)) == 0)
      return 1;
  }
  return 0;
}

/* Before anything is sent: a block costs nothing. */
static pixazo_status look_at_prompt(const pixazo_prompt_facts *facts, pixazo_review *review, void *user_data,
                                     pixazo_error **error)
{
  (void)user_data;
  (void)error;
  for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; i++) {
    if (has_word(facts->prompt, unwanted[i].word)) {
      pixazo_review_set_blocked(review, "the prompt has a word that we do not send");
      pixazo_review_add_category(review, unwanted[i].category);
    }
  }
  return PIXAZO_OK;
}

/* Before it is recorded: what is withheld was paid for, and is kept in quarantine. */
static pixazo_status look_at_picture(const pixazo_picture_facts *facts, pixazo_review *review, void *user_data,
                                     pixazo_error **error)
{
  char caption[PIXAZO_ALT_TEXT_MAX + 1];
  const unsigned *widest = user_data;
  if (facts->width > *widest * facts->height)
    pixazo_review_set_blocked(review, "too wide for our pages");
  (void)snprintf(caption, sizeof caption, "Made by a machine, %ux%u: %s", (unsigned)facts->width, (unsigned)facts->height,
                 facts->alt_text); /* at most 125 bytes of the prompt */
  return pixazo_review_set_alt_text(review, caption, error);
}

static void show(pixazo_studio *studio, const char *prompt)
{
  pixazo_generation *made = NULL;
  pixazo_error *error = NULL;
  if (pixazo_studio_generate_prompt(studio, prompt, &made, &error) == PIXAZO_OK)
    printf("%s: %s\n", pixazo_generation_image_path(made, 0), pixazo_generation_image_alt_text(made, 0));
  else
    printf("%s: %s\n", pixazo_status_name(pixazo_error_status(error)), pixazo_error_message(error));
  if (!made && error &&
      pixazo_repository_find(pixazo_studio_repository(studio), pixazo_error_generation(error), &made, NULL) == PIXAZO_OK)
    printf("%s\n", pixazo_generation_safety_json(made));
  pixazo_generation_free(made);
  pixazo_error_free(error);
}

int main(int argc, char **argv)
{
  unsigned widest = 3;
  pixazo_studio *studio = NULL;
  pixazo_error *error = NULL;
  pixazo_studio_options options = PIXAZO_STUDIO_OPTIONS_INIT;
  if (argc < 3) {
    fprintf(stderr, "usage: %s FOLDER PROMPT...\n", argv[0]);
    return 2;
  }
  options.on_prompt = look_at_prompt;
  options.on_picture = look_at_picture;
  options.on_picture_data = &widest;
  if (pixazo_studio_open(argv[1], &options, &studio, &error) != PIXAZO_OK) {
    fprintf(stderr, "%s\n", pixazo_error_message(error));
    pixazo_error_free(error);
    return 1;
  }
  for (int i = 2; i < argc; i++)
    show(studio, argv[i]);
  pixazo_studio_close(studio);
  return 0;
}
