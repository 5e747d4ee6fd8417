<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="identity.xsl"/>
<xsl:template match="/">
<html lang="en">
<head><title>Theme</title></head>
<body>
<xsl:apply-templates select="//body/@*"/>
<xsl:attribute name="class">t <xsl:value-of select="//body/@class"/></xsl:attribute>
<div id="a" class="x" title="ta">theme a</div>
<div id="b"><p>theme b</p></div>
</body>
</html>
</xsl:template>
</xsl:stylesheet>
