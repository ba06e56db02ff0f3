#include "grader/texts.h"

#include <stdbool.h>
#include <string.h>

enum { DEL = 0x7f };

/*
 * Messages contain what a server has sent, so anything. The length of the UTF-8 character that the
 * text begins with (RFC 3629, 4); 0 if there is none. Noncharacters pass; XML takes those, too, but
 * for U+FFFE and U+FFFF.
 */
static size_t utf8_length(const unsigned char *text)
{
    static const struct {
        unsigned char first_least, first_most, second_least, second_most;
        size_t length;
    } forms[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (text[0] < forms[i].first_least || text[0] > forms[i].first_most)
            continue;
        if (forms[i].length > 1 &&
            (text[1] < forms[i].second_least || text[1] > forms[i].second_most))
            return 0;
        for (size_t j = 2; j < forms[i].length; j++)
            if ((text[j] & 0xc0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

static void print_json_ascii(FILE *out, char c)
{
    if (c == '"' || c == '\\')
        fprintf(out, "\\%c", c);
    else if (c == '\n')
        fputs("\\n", out);
    else if (c < ' ')
        fprintf(out, "\\u%04x", (unsigned)c);
    else
        fputc(c, out);
}

static void print_xml_ascii(FILE *out, char c)
{
    switch (c) {
    case '<': fputs("&lt;", out); break;
    case '>': fputs("&gt;", out); break;
    case '&': fputs("&amp;", out); break;
    case '"': fputs("&quot;", out); break;
    case '\n': fputs("&#10;", out); break; /* in an attribute a plain one would become a blank */
    case '\t': fputs("&#9;", out); break;
    default: fputc(c < ' ' || c == DEL ? '?' : c, out);
    }
}

static bool xml_can_hold(const char *character, size_t length)
{
    return length > 0 && strncmp(character, "\xef\xbf\xbe", 3) != 0 &&
           strncmp(character, "\xef\xbf\xbf", 3) != 0;
}

void print_json(FILE *out, const char *text)
{
    fputc('"', out);
    while (*text != '\0') {
        size_t length = utf8_length((const unsigned char *)text);
        if (length == 1)
            print_json_ascii(out, *text);
        else if (length == 0)
            fputc('?', out);
        else
            fwrite(text, 1, length, out);
        text += length > 0 ? length : 1;
    }
    fputc('"', out);
}

void print_xml(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t length = utf8_length((const unsigned char *)text);
        if (length == 1)
            print_xml_ascii(out, *text);
        else if (!xml_can_hold(text, length))
            fputc('?', out);
        else
            fwrite(text, 1, length, out);
        text += length > 0 ? length : 1;
    }
}
